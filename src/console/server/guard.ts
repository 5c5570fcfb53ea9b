/**
 * Who may talk to the page.
 *
 * Without a token the page listens on a loopback address, and only a browser of this machine can
 * reach it: but so can any web page in that browser. Such a page has another origin, so it cannot
 * read answers; a request that changes something needs a header that other origins cannot send, and
 * an Origin that is the Host. If it has given its own name the address 127.0.0.1 (DNS rebinding),
 * its origin is the Host, so names other than those of this machine are refused.
 *
 * With a token the Host may be any name: the cookie belongs to the name under which somebody has
 * shown the token.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Header that a request must have which changes something. */
export const actionHeader = 'x-rxweft-console'

export interface Guard {
  /** HTTP status with which a request is refused; null: it may pass. */
  refusal(request: IncomingMessage): 403 | null
  /** Whether it has shown the token; always, if there is none. */
  isKnown(request: IncomingMessage): boolean
  /** The `Set-Cookie` for whoever has the token; null: this is not the token. */
  admit(token: string): string | null
}

/** @param cookie its name */
export function guard(token: string | undefined, cookie: string): Guard {
  /** Stays the same over restarts, and does not tell the token. */
  const pass = token === undefined ? null : createHmac('sha256', token).update('rxweft console').digest('base64url')
  return {
    refusal(request) {
      const { host = '', origin } = request.headers
      if (token === undefined && !isLoopback(nameOf(host))) return 403
      if (origin !== undefined && hostOf(origin) !== host.toLowerCase()) return 403
      if (request.method === 'GET') return null
      return origin === undefined || request.headers[actionHeader] === undefined ? 403 : null
    },
    isKnown: (request) => pass === null || cookiesOf(request, cookie).some((one) => same(one, pass)),
    admit: (given) =>
      token !== undefined && pass !== null && same(given, token)
        ? `${cookie}=${pass}; Path=/; HttpOnly; SameSite=Strict`
        : null,
  }
}

/** Names of this machine, for hosts to listen on and for names that a browser asks for. */
export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name)
}

/** Takes the same time wherever two texts differ. */
function same(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

/** A host without its port, and without the brackets of IPv6. */
function nameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host
  } catch {
    return null
  }
}

/** Several may have one name, by different paths. */
function cookiesOf({ headers: { cookie = '' } }: IncomingMessage, name: string): readonly string[] {
  const pairs = cookie.split(';').map((pair) => pair.trim())
  return pairs.flatMap((pair) => (pair.startsWith(`${name}=`) ? [pair.slice(name.length + 1)] : []))
}
