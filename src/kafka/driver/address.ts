import { isIPv6 } from 'node:net'

/** Listening address of a broker. */
export interface Address {
  readonly host: string
  readonly port: number
}

export function showAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Parses host:port, with an IPv6 address in brackets; null for anything else. */
export function parseAddress(text: string): Address | null {
  const match = /^(?:\[([^\]]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text)
  const [, literal, name, digits] = match ?? []
  const host = literal === undefined ? name : isIPv6(literal) ? literal : undefined
  const port = Number(digits)
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : null
}
