/** Settings of a program under test: one argument, as JSON. Each runs until SIGTERM. */
export interface PeerSettings {
  /** host:port,host:port */
  readonly brokers: string
  readonly source: string
  readonly sink: string
  /** Of the job, of the group, of the transactions. */
  readonly id: string
  /** Between two commits, ms. */
  readonly interval: number
  readonly compression: 'none' | 'zstd'
  /** A folder of its own. */
  readonly checkpoints: string
  /** Ours only: over how many threads. */
  readonly shards?: number
  /** Word count only: where the counts are. */
  readonly state?: 'memory' | 'lmdb'
}

export function given(): PeerSettings & { readonly brokerList: string[] } {
  const settings: PeerSettings = JSON.parse(process.argv[2] ?? '{}')
  return { ...settings, brokerList: settings.brokers.split(',') }
}

/** What goes wrong ends the program, and says so: a peer that goes on with half of itself would be measured. */
export function fail(error: unknown): never {
  console.error(error)
  process.exit(1)
}
