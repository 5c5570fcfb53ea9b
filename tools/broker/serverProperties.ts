/** server.properties of a single KRaft node on this machine, as text. */
import { quickSettings } from './quickSettings.ts'

export interface Listener {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  readonly port: number
  /** host:port that clients are sent to, e.g. that of a proxy; default: the listener itself. */
  readonly advertised?: string | undefined
}

export interface ServerProperties {
  /** By name; the controller's is added. Brokers talk to themselves through PLAINTEXT. */
  readonly listeners: Readonly<Record<string, Listener>>
  readonly controllerPort: number
  /** Where the log goes. */
  readonly folder: string
  /** Whatever else; wins over the defaults. */
  readonly more: Readonly<Record<string, string>>
}

export function serverProperties({ listeners, controllerPort, folder, more }: ServerProperties): string {
  const named = Object.entries(listeners)
  const each = (show: (name: string, listener: Listener) => string) =>
    named.map(([name, one]) => show(name, one)).join(',')
  const properties = {
    ...quickSettings,
    'controller.quorum.voters': `1@localhost:${controllerPort}`,
    listeners: `${each((name, { port }) => `${name}://127.0.0.1:${port}`)},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': each((name, { port, advertised }) => `${name}://${advertised ?? `localhost:${port}`}`),
    'listener.security.protocol.map': `CONTROLLER:PLAINTEXT,${each((name, { protocol }) => `${name}:${protocol}`)}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': folder,
    // After a kill the controller lets the broker in again only when the session of its predecessor is over.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    ...more,
  }
  return `${Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`
}
