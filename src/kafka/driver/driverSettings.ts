import type { KafkaConfig } from 'kafkajs'
import { FatalError } from '../../errors.ts'
import { optionNames, unknownOptions } from '../../options.ts'
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

const names = {
  ...{ brokers: true, clientId: true, ssl: true, sasl: true, connectionTimeout: true, requestTimeout: true },
}

/**
 * Checks the configuration and fills in defaults.
 *
 * @throws BAD_OPTION, naming every wrong field and never a value of `ssl` or `sasl`
 */
export function driverSettings(config: KafkaClusterConfig): DriverSettings {
  const { brokers, clientId = 'rxweft', ssl = false, sasl } = config
  const { connectionTimeout = 5_000, requestTimeout = 30_000 } = config
  const problems = [
    ...unknownOptions(config, optionNames<KafkaClusterConfig>(names)),
    ...brokerProblems(brokers),
    ...problem(typeof clientId === 'string' && clientId !== '', 'clientId is not a text'),
    ...problem(typeof ssl === 'boolean' || isObject(ssl), 'ssl is neither true nor the options of tls.connect'),
    ...problem(sasl === undefined || isMechanism(sasl), 'sasl has no mechanism'),
    ...problem(isDelay(connectionTimeout), `connectionTimeout is ${connectionTimeout}, and must be whole ms from 1`),
    ...problem(isDelay(requestTimeout), `requestTimeout is ${requestTimeout}, and must be whole ms from 1`),
  ]
  if (problems.length > 0) {
    throw new FatalError('BAD_OPTION', problems.join('; '), { hint: 'Correct the argument of kafkaCluster' })
  }
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
  if (!Array.isArray(brokers) || brokers.length === 0) return ['brokers is not a list of host:port']
  return brokers.flatMap((broker, index) => {
    const fine = typeof broker === 'string' && parseAddress(broker) !== null
    return problem(fine, `brokers[${index}] is not of the form host:port, or [address]:port for IPv6`)
  })
}

function problem(fine: boolean, what: string): readonly string[] {
  return fine ? [] : [what]
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isMechanism(sasl: unknown): boolean {
  return isObject(sasl) && 'mechanism' in sasl && typeof sasl.mechanism === 'string' && sasl.mechanism !== ''
}

/** setTimeout fires at once for more than 2^31 - 1 ms. */
function isDelay(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) < 2 ** 31
}
