import { type Clock, FatalError, RetriableError } from 'rxweft'

/** A user with a password, or a token. */
export type RegistryAuth =
  | {
      /** User of basic authentication. */
      readonly username: string
      /** Password of basic authentication. */
      readonly password: string
    }
  | {
      /** Bearer token. */
      readonly token: string
    }

export interface RegistryHttpOptions {
  readonly url: string
  readonly auth?: RegistryAuth | undefined
  readonly fetch: typeof fetch
  readonly clock: Clock
  /** Limit for one request, ms. */
  readonly timeout: number
}

export interface RegistryAnswer {
  readonly status: number
  /** Parsed JSON; null if the body is not JSON. */
  readonly body: unknown
}

/** Requests to the registry: JSON over HTTP, with retries. */
export interface RegistryHttp {
  /** Address for messages, without credentials. */
  readonly shown: string
  /**
   * Sends a request. Rejects with Retriable REGISTRY_UNAVAILABLE or Fatal REGISTRY_DENIED; other
   * answers are left to the caller.
   */
  request(method: 'GET' | 'POST', path: string, body?: object): Promise<RegistryAnswer>
}

/** Pauses before the second and the third try, ms. */
const pauses = [200, 1_000]

/** Makes a client of the registry. */
export function registryHttp(options: RegistryHttpOptions): RegistryHttp {
  const { base, authorization } = addressOf(options)
  const shown = base.href.replace(/\/$/, '')

  async function once(method: string, path: string, body: object | undefined): Promise<RegistryAnswer> {
    const { signal, stop } = timeLimit(options)
    try {
      const response = await options.fetch(`${shown}/${path}`, {
        method,
        signal,
        redirect: 'error',
        headers: headersOf(authorization, body),
        ...(body && { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: parsed(await response.text()) }
    } finally {
      stop()
    }
  }

  async function tried(method: string, path: string, body: object | undefined): Promise<RegistryAnswer | string> {
    try {
      const answer = await once(method, path, body)
      return isBusy(answer.status) ? `answers ${answer.status}` : answer
    } catch (thrown) {
      return `cannot be reached: ${reasonOf(thrown)}`
    }
  }

  return {
    shown,
    async request(method, path, body) {
      let problem = ''
      for (const pause of [0, ...pauses]) {
        if (pause > 0) await new Promise<void>((resolve) => options.clock.setTimeout(resolve, pause))
        const answer = await tried(method, path, body)
        if (typeof answer !== 'string') return admitted(answer, shown)
        problem = answer
      }
      throw new RetriableError('REGISTRY_UNAVAILABLE', `the schema registry at ${shown} ${problem}`, {
        hint: 'Check that the registry is up and that its address is right. Nothing is lost: the job continues once the registry answers',
      })
    },
  }
}

/** Separates the credentials, which may be in the URL and must not be in messages. */
function addressOf({ url, auth }: RegistryHttpOptions): { readonly base: URL; readonly authorization: string | null } {
  const base = new URL(url)
  const inUrl = { username: decodeURIComponent(base.username), password: decodeURIComponent(base.password) }
  base.username = ''
  base.password = ''
  base.search = ''
  base.hash = ''
  return { base, authorization: authorizationOf(auth ?? (inUrl.username === '' ? undefined : inUrl)) }
}

function authorizationOf(auth: RegistryAuth | undefined): string | null {
  if (auth === undefined) return null
  if ('token' in auth) return `Bearer ${auth.token}`
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64')}`
}

function headersOf(authorization: string | null, body: object | undefined): Record<string, string> {
  return {
    accept: `${mediaType}, application/json`,
    ...(authorization !== null && { authorization }),
    ...(body && { 'content-type': mediaType }),
  }
}

const mediaType = 'application/vnd.schemaregistry.v1+json'

function timeLimit({ clock, timeout }: RegistryHttpOptions): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const timer = clock.setTimeout(() => controller.abort(new Error(`no answer within ${timeout} ms`)), timeout)
  return { signal: controller.signal, stop: () => clock.clearTimeout(timer) }
}

/** What may be asked again. */
function isBusy(status: number): boolean {
  return status >= 500 || status === 429 || status === 408
}

function admitted(answer: RegistryAnswer, shown: string): RegistryAnswer {
  if (answer.status !== 401 && answer.status !== 403) return answer
  throw new FatalError('REGISTRY_DENIED', `the schema registry at ${shown} answered with status ${answer.status}`, {
    hint: 'Check `auth`, and the rights of its user on this subject',
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * fetch says "fetch failed", and why in its cause. Codes only: an address in a message may have
 * credentials in it.
 */
function reasonOf(thrown: unknown): string {
  const { cause } = thrown as { readonly cause?: { readonly code?: unknown } }
  if (typeof cause?.code === 'string') return cause.code
  return thrown instanceof Error && thrown.message.startsWith('no answer') ? thrown.message : 'the request failed'
}
