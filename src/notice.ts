/**
 * Event of a source, sink or ledger that does not end the attempt, emitted by `handle.events$`.
 *
 * Durations are in ms.
 */
export type Notice =
  /**
   * Records of a partition cannot be read, because a transaction has been open in it for `duration`. Emitted after 5 s, and again
   * each time that the duration has doubled.
   */
  | {
      readonly type: 'partition-pinned'
      readonly topic: string
      readonly partition: number
      /** The next offset to read. */
      readonly offset: number
      /** Producer id of the oldest open transaction, and the offset at which it begins; null: the broker did not say. */
      readonly producerId: number | null
      readonly firstOffset: number | null
      readonly duration: number
    }
  /**
   * A sink writes records whose timestamps are older than what its topic keeps (`retention.ms`): the brokers remove them soon. `records`
   * were written up to this checkpoint, or since the one before. Emitted once for each sink, topic and attempt.
   */
  | {
      readonly type: 'records-past-retention'
      readonly operator: string
      readonly topic: string
      readonly records: number
      readonly retention: number
    }
  /**
   * A partition cannot be read for the reason in `error`; it is asked for again, and the others are read on. Emitted after 5 s, and
   * again each time that the duration has doubled.
   */
  | {
      readonly type: 'partition-unavailable'
      readonly topic: string
      readonly partition: number
      readonly error: Error & { readonly code: string }
      readonly duration: number
    }
  /**
   * A broker cannot be used, for a reason that does not go away by itself: it refuses the login, its certificate is not trusted, or the
   * address that the cluster advertises for it has never been reached. The job goes on with the others. Emitted once for each reason,
   * by each set of connections of an attempt.
   */
  | { readonly type: 'broker-unusable'; readonly broker: string; readonly error: Error & { readonly code: string } }
  /**
   * A call of the checkpoint storage has not come back for `duration`. Emitted after 5 s, and again each time that the duration has
   * doubled; the call is waited for all the same.
   */
  | {
      readonly type: 'storage-slow'
      /** Of the storage: "folder /var/lib/app/checkpoints". */
      readonly place: string
      /** put, get, write, read, list, remove or ready */
      readonly call: string
      readonly duration: number
    }
  /** The checkpoint storage works, and something about it should be changed. Emitted at each start of an attempt. */
  | { readonly type: 'storage-warning'; readonly place: string; readonly message: string }
  /**
   * The ledger topic could be safer on this cluster: one broker that fails may lose the last decisions of the job, or make it stand still. Raise its
   * replication to 3 and min.insync.replicas to 2, or to the number of brokers. Emitted once for each call of `execute`.
   */
  | {
      readonly type: 'ledger-weak'
      readonly topic: string
      readonly replication: number
      readonly minIsr: number
      readonly brokers: number
    }
