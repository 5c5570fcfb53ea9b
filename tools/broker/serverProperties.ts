/** server.properties of a single KRaft node on this machine, as text. */
import { quickSettings } from './quickSettings.ts'

export interface Listener {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  readonly port: number
  /** host:port advertised to clients, such as that of a proxy. Default: the listener itself. */
  readonly advertised?: string | undefined
}

export interface ServerProperties {
  /** Listeners by name; that of the controller is added. Brokers use PLAINTEXT among themselves. */
  readonly listeners: Readonly<Record<string, Listener>>
  readonly controllerPort: number
  /** Folder of the log. */
  readonly folder: string
  /** Additional properties; they win over the defaults. */
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
    // After a kill, the controller admits the broker only once its previous session has expired.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    ...more,
  }
  return `${Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`
}
