/** The broker that tests and the demonstration run on: where it came from, where it is, and how to stop it. */

export type FoundBroker = NoBroker | GivenBroker | DockerBroker | JavaBroker

export interface NoBroker {
  readonly kind: 'none'
  /** One line: what was tried, and why it was not to be had. */
  readonly reason: string
  /** Where a broker should have run here but did not: for a test run that is a failure, not a reason to skip. */
  readonly failure?: Error
}

interface RunningBroker {
  /** For people: "Kafka 4.1.1, Java + Maven, localhost:29092". */
  readonly describe: string
  /** host:port */
  readonly brokers: readonly string[]
  /** A broker that was given goes on; one that was started here ends, and its data goes. */
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
  /** host:port of each listener by its name: PLAINTEXT, and those that were asked for. */
  readonly addresses: Readonly<Record<string, string>>
  /** Of the JVM; null while none runs. */
  readonly pid: number | null
  /** SIGKILL: what the broker had not yet written is up to its recovery. */
  kill(): Promise<void>
  /** Kills it where it runs, and starts it again: same ports, same data. */
  restart(): Promise<void>
}

/** Not to be had on this machine, which is nobody's fault: `message` says what is missing. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
}
