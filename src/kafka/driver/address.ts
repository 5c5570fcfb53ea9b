/** Where a broker listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

export function showAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Reads host:port; null where it is not that. */
export function parseAddress(text: string): Address | null {
  const match = /^([^\s:[\]/]+):(\d{1,5})$/.exec(text)
  if (match === null) return null
  const port = Number(match[2])
  return port >= 1 && port <= 65_535 ? { host: match[1] as string, port } : null
}
