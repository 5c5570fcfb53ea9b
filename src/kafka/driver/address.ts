import { isIPv6 } from 'node:net'

/** Where a broker listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

export function showAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Reads host:port, an IPv6 address in brackets; null where it is not that. */
export function parseAddress(text: string): Address | null {
  const match = /^(?:\[([^\]]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text)
  const [, literal, name, digits] = match ?? []
  const host = literal === undefined ? name : isIPv6(literal) ? literal : undefined
  const port = Number(digits)
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : null
}
