const DIGITS = /^(0|[1-9]\d*)$/

// Versions of one kind may be compared as whole numbers of any length (KEP-5504, Kubernetes 1.35 and, in fact, all before).
const isNumber = (version: string): boolean => DIGITS.test(version)

/** Whether one resourceVersion is behind another. Of versions that are no numbers nothing is known, and the answer is no. */
export function isEarlier(version: string, than: string): boolean {
  if (!isNumber(version) || !isNumber(than)) return false
  return version.length === than.length ? version < than : version.length < than.length
}

/** Whether one resourceVersion tells of something newer than another. Of versions that are no numbers, any other one is taken for newer. */
export const isLater = (version: string, than: string): boolean =>
  isNumber(version) && isNumber(than) ? isEarlier(than, version) : version !== than
