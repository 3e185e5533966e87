import type { Answer } from './answer.ts'
import type { Gate } from './authorize.ts'
import type { SimulatedKind } from './kinds.ts'
import { jsonOf, textOf, type Json, type KubeObject } from './object.ts'
import { API_AUDIENCE, type User } from './users.ts'
import { badRequest } from './status.ts'

type Review = (gate: Gate, spec: Json, user: User) => Json

const REVIEWS: Readonly<Record<string, Review>> = {
  TokenReview: ({ tokens }, spec) => {
    const audiences = stringsOf(spec['audiences'])
    const wanted = audiences.length > 0 ? audiences : [API_AUDIENCE]
    const verdict = tokens.check(textOf(spec['token']) ?? '', wanted)
    if ('error' in verdict) return { user: {}, error: verdict.error }
    return { authenticated: true, user: verdict.user, audiences: verdict.audiences }
  },
  SelfSubjectReview: (_, __, user) => ({ userInfo: user }),
  SubjectAccessReview: (gate, spec) => decide(gate, spec, namedUser(spec)),
  LocalSubjectAccessReview: (gate, spec) => decide(gate, spec, namedUser(spec)),
  SelfSubjectAccessReview: (gate, spec, user) => decide(gate, spec, user),
}

/**
 * Answers a review.
 * @throws Refusal 400
 */
export function review(gate: Gate, type: SimulatedKind, asked: { readonly body: string; readonly user: User }): Answer {
  const body = parsed(asked.body)
  const spec = jsonOf(body['spec'])
  const status = REVIEWS[type.kind]?.(gate, spec, asked.user) ?? {}
  const metadata = jsonOf(body['metadata'])
  return { status: 201, json: { kind: type.kind, apiVersion: type.apiVersion, metadata, spec, status } }
}

/** A token of a service account, as its `token` subresource gives it. */
export function tokenRequest({ tokens }: Gate, account: KubeObject, body: string): Answer {
  const spec = jsonOf(parsed(body)['spec'])
  const audiences = stringsOf(spec['audiences'])
  const seconds = spec['expirationSeconds']
  const expirationSeconds = typeof seconds === 'number' ? seconds : 3600
  const wanted = audiences.length > 0 ? audiences : [API_AUDIENCE]
  const { token, expires } = tokens.issueFor(account, { audiences: wanted, lifetime: expirationSeconds * 1000 })
  const { name, namespace } = account.metadata
  return {
    status: 201,
    json: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace },
      spec: { audiences: wanted, expirationSeconds, boundObjectRef: null },
      status: { token, expirationTimestamp: expires },
    },
  }
}

function parsed(body: string): Json {
  try {
    return jsonOf(JSON.parse(body))
  } catch {
    throw badRequest('the object provided is unrecognized (must be of type Review)')
  }
}

const stringsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

const namedUser = (spec: Json): User => ({
  username: textOf(spec['user']) ?? '',
  uid: textOf(spec['uid']),
  groups: stringsOf(spec['groups']),
})

function decide({ access }: Gate, spec: Json, user: User): Json {
  const path = jsonOf(spec['nonResourceAttributes'])
  if (textOf(path['path']) !== undefined) {
    const asked = { path: textOf(path['path']) ?? '', verb: textOf(path['verb']) ?? '' }
    return { ...access.checkPath(user, asked) }
  }
  const wish = jsonOf(spec['resourceAttributes'])
  return {
    ...access.check(user, {
      verb: textOf(wish['verb']) ?? '',
      group: textOf(wish['group']) ?? '',
      resource: textOf(wish['resource']) ?? '',
      subresource: textOf(wish['subresource']) || undefined,
      namespace: textOf(wish['namespace']) || undefined,
      name: textOf(wish['name']) || undefined,
    }),
  }
}
