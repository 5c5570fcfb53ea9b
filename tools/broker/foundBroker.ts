/** The broker of tests and demonstration: its origin, its addresses, and how to stop it. */

export type FoundBroker = NoBroker | GivenBroker | DockerBroker | JavaBroker

export interface NoBroker {
  readonly kind: 'none'
  /** One line: what was tried, and why it failed. */
  readonly reason: string
  /**
   * Set if a broker should have run here but did not: a failure of a test run, not a reason to
   * skip.
   */
  readonly failure?: Error
}

interface RunningBroker {
  /** For display: "Kafka 4.1.1, Java + Maven, localhost:29092". */
  readonly describe: string
  /** host:port */
  readonly brokers: readonly string[]
  /** Leaves a given broker running; stops one that was started here, and removes its data. */
  stop(): Promise<void>
}

export interface GivenBroker extends RunningBroker {
  readonly kind: 'given'
}

export interface DockerBroker extends RunningBroker {
  readonly kind: 'docker'
}

export interface JavaBroker extends RunningBroker {
  readonly kind: 'java'
  /** host:port of each listener by its name: PLAINTEXT and the requested ones. */
  readonly addresses: Readonly<Record<string, string>>
  /** Of the JVM; null while none runs. */
  readonly pid: number | null
  /** SIGKILL: the broker recovers unwritten data at its next start. */
  kill(): Promise<void>
  /** Kills it if it runs, and starts it again with the same ports and data. */
  restart(): Promise<void>
}

/** Not available on this machine; `message` says what is missing. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
}
