/**
 * Bootstrap addresses for kafkajs's admin client. It takes everything before the first colon for
 * the host, so an IPv6 address gets a placeholder without colons, which only the sockets made here
 * understand.
 */
import { Buffer } from 'node:buffer'
import { connect, isIP, isIPv6 } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import type { Address } from './address.ts'

const ending = '.ipv6-literal'

export function adminAddress({ host, port }: Address): string {
  return `${isIPv6(host) ? Buffer.from(host).toString('hex') + ending : host}:${port}`
}

function realHost(host: string): string {
  return host.endsWith(ending) ? Buffer.from(host.slice(0, -ending.length), 'hex').toString() : host
}

/** Like kafkajs's own factory. */
export const adminSockets: ISocketFactory = ({ host: given, port, ssl, onConnect }) => {
  const host = realHost(given)
  const tls = { host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }
  return (ssl ? connectTls(tls, onConnect) : connect({ host, port }, onConnect)).setKeepAlive(true, 60_000)
}
