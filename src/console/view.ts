/** What the page shows, as plain data: the server sends it, the browser draws it. Types only. */

/** All parts; each is sent as a whole when it changes. Times and durations are in ms. */
export interface View {
  readonly job: JobView
  readonly graph: GraphView
  readonly figures: Figures
  readonly checkpoints: readonly CheckpointView[]
  readonly incidents: readonly Incident[]
  readonly aside: readonly SetAside[]
  readonly marbles: Marbles
}

/** Parts of all pages. */
export interface Parts extends View {
  /** Of a job that is seen from its cluster alone: stands there instead of all other parts. */
  readonly cluster: ClusterView
}

/** What arrives in one message: the parts that have changed. */
export interface Message extends Partial<Parts> {
  /** Time of day of the server, so that the browser's clock may be wrong. */
  readonly now: number
  /** Random id of this start of the server: another one means that the process is another one. */
  readonly boot: string
}

export interface JobView {
  readonly name: string
  readonly status: Status
  readonly health: { readonly ready: boolean; readonly live: boolean; readonly reasons: readonly string[] }
  /** What the buttons can do. */
  readonly can: { readonly stop: boolean; readonly savepoint: boolean }
  /** When the page began to watch the job. */
  readonly since: number
  readonly restarts: number
}

export type State = 'starting' | 'running' | 'idle' | 'restarting' | 'stopping' | 'down' | 'ended' | 'failed'

export interface Status {
  readonly state: State
  /** Since when. */
  readonly since: number
  /** Number of shards in this process, with how many of them run. */
  readonly shards: { readonly all: number; readonly running: number }
  /** Of 'restarting' and 'failed': why. */
  readonly reason: Reason | null
  /** Of 'restarting': when the next attempt starts. */
  readonly until: number | null
  /** Of 'ended': how. */
  readonly outcome: string | null
}

export interface Reason {
  readonly code: string
  readonly what: string
  /** Place, such as "topic orders, partition 3". */
  readonly where: string
  readonly hint: string
}

export interface GraphView {
  readonly nodes: readonly NodeView[]
  readonly edges: readonly { readonly from: string; readonly to: string; readonly side: boolean }[]
}

export interface NodeView {
  readonly name: string
  readonly role: 'source' | 'operator' | 'sink' | 'repartition'
  readonly kind: string
  readonly state: boolean
  readonly column: number
  readonly row: number
}

/** What has been measured; null where nothing is known. */
export interface Figures {
  /** When; 0: not yet. */
  readonly at: number
  readonly nodes: Readonly<Record<string, NodeFigures>>
  /** Names in `nodes` that the graph lacks. */
  readonly others: readonly string[]
  /** Partitions with the largest lag first, bounded. */
  readonly partitions: readonly PartitionFigures[]
  /** Number of all partitions. */
  readonly partitionCount: number
  /** Bytes of the process, and the delay of its slowest event loop (0.99 quantile), ms. */
  readonly memory: number | null
  readonly loopDelay: number | null
}

export interface NodeFigures {
  /** Records in a second. */
  readonly rate: number | null
  /** Bytes in a second. */
  readonly bytesRate: number | null
  /** Records not yet read. */
  readonly lag: number | null
  /** Time of day minus watermark. */
  readonly watermarkDelay: number | null
  /** Share of the time for which sources have waited for this operator or sink, 0 to 1. */
  readonly pressure: number | null
  /** Of a source: share of the time that it has waited, 0 to 1. */
  readonly blocked: number | null
  readonly inFlight: number | null
  readonly stateEntries: number | null
  readonly stateBytes: number | null
  /** For how long the last barrier was held. */
  readonly barrier: number | null
}

export interface PartitionFigures {
  readonly source: string
  readonly topic: string
  readonly partition: number
  readonly lag: number | null
  readonly delay: number | null
}

export interface CheckpointView {
  readonly shard: number
  readonly number: number
  readonly final: boolean
  readonly triggered: number
  /** 'lost': its process has ended, and nobody knows yet whether it was decided. */
  readonly outcome: 'underway' | 'committed' | 'failed' | 'lost'
  /** Of one that is underway: what it waits for. */
  readonly phase: 'barrier' | 'commit' | null
  readonly duration: number | null
  readonly phases: { readonly barrier: number; readonly store: number; readonly commit: number } | null
  readonly bytes: number | null
  readonly reason: Reason | null
  /** Of a slow one: operators that hold its barrier, with the reason. */
  readonly holding: readonly { readonly operator: string; readonly what: string }[]
}

/** Something that an operator of the job should know of. */
export interface Incident {
  readonly id: number
  readonly at: number
  readonly shard: number | null
  readonly kind: 'restart' | 'failed' | 'process' | 'notice'
  readonly reason: Reason
  /** Of a restart or a lost process: when the job ran again, from which checkpoint. */
  readonly resumed: { readonly at: number; readonly checkpoint: number } | null
}

/** Records that an operator has not processed, since the page watches. */
export interface SetAside {
  /** Id of the operator; '': known of the job only. */
  readonly operator: string
  readonly late: number
  readonly skipped: number
  readonly deadLetters: number
  /** Error of the first record that was skipped. */
  readonly reason: Reason | null
}

/** Elements of the last seconds, counted in slots; never values. */
export interface Marbles {
  /** End of each slot. */
  readonly times: readonly number[]
  /** Length of all slots together, once there are as many as are kept. */
  readonly span: number
  /** Number of records by slot and node; -1: not measured. */
  readonly records: Readonly<Record<string, readonly number[]>>
  /** Whether the watermark of a node has moved, by slot. */
  readonly watermarks: Readonly<Record<string, readonly boolean[]>>
}

/** A job as its cluster shows it; null where the cluster does not know. */
export interface ClusterView {
  readonly name: string
  /** When the page began to watch the job. */
  readonly since: number
  /** End of the last reading that succeeded; null: none has. */
  readonly readAt: number | null
  /** Why the newest reading has failed; null: it has not. */
  readonly failure: Reason | null
  /** Number of the plan, and of slots in it; null for a job without one. */
  readonly plan: number | null
  readonly slots: number | null
  readonly members: readonly ClusterMember[]
  readonly shards: readonly ClusterShard[]
  /** Partitions with the largest lag first, bounded. */
  readonly partitions: readonly ClusterPartition[]
  /** Number of all partitions. */
  readonly partitionCount: number
  /** Commits that readings have found, the newest last, bounded. */
  readonly commits: readonly Commit[]
}

export interface ClusterMember {
  readonly member: string
  readonly instance: string
  readonly zone: string | null
  readonly state: string
  readonly host: string | null
  readonly pid: number | null
  readonly threads: number | null
  readonly shards: readonly number[]
}

export interface ClusterShard {
  readonly shard: number
  /** Instance of the process that has signed the last checkpoint, or its random id. */
  readonly owner: string | null
  /** The same of the process that the plan gives the shard to. */
  readonly planned: string | null
  /** What that process says about the shard; 'unknown' without a word from it. */
  readonly state: string
  readonly checkpoint: number | null
  /** When it was committed, by the clock of this machine. */
  readonly committedAt: number | null
  readonly lag: number | null
  readonly bytes: number
  readonly error: { readonly code: string; readonly message: string } | null
}

export interface ClusterPartition {
  readonly source: string
  readonly topic: string
  readonly partition: number
  readonly shard: number
  /** Offset of the last checkpoint. */
  readonly offset: number
  /** End as the job reads it; null: there is no such partition. */
  readonly end: number | null
  readonly lag: number | null
}

export interface Commit {
  readonly shard: number
  readonly number: number
  readonly at: number | null
  readonly bytes: number
}
