import type { KafkaConfig } from 'kafkajs'
import { anObject, milliseconds, nonEmptyText, required, rule } from '../../optionRules.ts'
import { checkOptions, type OptionRules } from '../../options.ts'
import { type Address, parseAddress } from './address.ts'

/** Options of `kafkaCluster`. */
export interface KafkaClusterConfig {
  /**
   * Addresses as host:port, or [address]:port for IPv6; a few are enough, the others are
   * discovered.
   */
  readonly brokers: readonly string[]
  /** Client id that brokers log. Default 'rxweft'. */
  readonly clientId?: string
  /**
   * TLS, as in kafkajs: true, or options of tls.connect (ca, cert, key, ...). Default: plain TCP.
   */
  readonly ssl?: Exclude<KafkaConfig['ssl'], undefined>
  /** Login, as in kafkajs: mechanism and credentials. Default: none. */
  readonly sasl?: Exclude<KafkaConfig['sasl'], undefined>
  /** Limit for each of TCP, TLS and the first answer, ms. Default 5,000. */
  readonly connectionTimeout?: number
  /** Limit for the answer to a request, ms. Default 30,000. */
  readonly requestTimeout?: number
}

/** Settings of every connection of a cluster, checked and with defaults. */
export interface DriverSettings {
  /** Addresses, at least one. */
  readonly brokers: readonly Address[]
  readonly clientId: string
  /** Options of TLS; null: plain TCP. */
  readonly ssl: NonNullable<KafkaClusterConfig['ssl']> | null
  /** Login; null: none. */
  readonly sasl: NonNullable<KafkaClusterConfig['sasl']> | null
  /** Limit for each of TCP, TLS and the first answer, ms. */
  readonly connectionTimeout: number
  /** Limit for the answer to a request, ms. */
  readonly requestTimeout: number
}

const rules: OptionRules<KafkaClusterConfig> = {
  brokers: required(rule('a list of at least one host:port', (value) => Array.isArray(value) && value.length > 0)),
  clientId: nonEmptyText,
  ssl: rule('true or the options of tls.connect', (value) => typeof value === 'boolean' || anObject.is(value)),
  sasl: rule('an object with a mechanism', isMechanism),
  connectionTimeout: milliseconds(1),
  requestTimeout: milliseconds(1),
}

/**
 * Checks the configuration and fills in defaults.
 *
 * @throws BAD_OPTION, naming every wrong field and never a value of `ssl` or `sasl`
 */
export function driverSettings(config: KafkaClusterConfig): DriverSettings {
  const { brokers, clientId = 'rxweft', ssl = false, sasl } = config
  const { connectionTimeout = 5_000, requestTimeout = 30_000 } = config
  checkOptions('kafkaCluster', config, rules, { problems: brokerProblems(brokers) })
  return {
    brokers: brokers.map((broker) => parseAddress(broker) as Address),
    clientId,
    ssl: ssl === false ? null : ssl,
    // Copied, since kafkajs stores its own fields in it.
    sasl: sasl === undefined ? null : { ...sasl },
    connectionTimeout,
    requestTimeout,
  }
}

function brokerProblems(brokers: unknown): readonly string[] {
  if (!Array.isArray(brokers)) return []
  return brokers.flatMap((broker, index) => {
    const fine = typeof broker === 'string' && parseAddress(broker) !== null
    return fine ? [] : [`brokers[${index}] is not of the form host:port, or [address]:port for IPv6`]
  })
}

function isMechanism(sasl: unknown): boolean {
  return anObject.is(sasl) && nonEmptyText.is((sasl as { readonly mechanism?: unknown }).mechanism)
}
