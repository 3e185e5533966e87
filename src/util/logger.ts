/** Values of a log line. Text of a cluster is hostile and goes here, never into the event. */
export type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Writes one line for each event. `event` is a fixed phrase of ours; what differs from one time to the next is in the fields. */
export interface Logger {
  debug(event: string, fields?: Fields): void
  info(event: string, fields?: Fields): void
  warn(event: string, fields?: Fields): void
  error(event: string, fields?: Fields): void
}

const nothing = (): void => undefined

/** For whoever wants no log. */
export const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
