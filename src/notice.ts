/**
 * Event of a source, sink or ledger that does not end the attempt, emitted by `handle.events$`.
 *
 * Durations are in ms.
 */
export type Notice =
  | {
      /** A reset has set a source to other positions. */
      readonly type: 'source-reset'
      /** Id of the source. */
      readonly source: string
      /**
       * Partitions whose offset has changed: records from `to` on are processed again if it is
       * lower than `from`, and those in between are skipped if it is higher.
       */
      readonly splits: readonly {
        /** Topic of the partition. */
        readonly topic: string
        /** Number of the partition. */
        readonly partition: number
        /** Offset before the reset. */
        readonly from: number
        /** Offset at which reading goes on. */
        readonly to: number
      }[]
    }
  | {
      /**
       * Records of a partition cannot be read, because a transaction is open in it. Emitted after
       * 5 s, and again each time that the duration has doubled.
       */
      readonly type: 'partition-pinned'
      /** Topic of the partition. */
      readonly topic: string
      /** Number of the partition. */
      readonly partition: number
      /** Next offset to read. */
      readonly offset: number
      /** Producer id of the oldest open transaction; null: the broker did not answer. */
      readonly producerId: number | null
      /** First offset of the oldest open transaction; null: the broker did not answer. */
      readonly firstOffset: number | null
      /** Time for which nothing could be read, ms. */
      readonly duration: number
    }
  | {
      /**
       * A sink writes records older than its topic keeps (`retention.ms`): the brokers remove them
       * soon. Emitted once for each sink, topic and attempt.
       */
      readonly type: 'records-past-retention'
      /** Id of the sink. */
      readonly operator: string
      /** Topic that the sink writes. */
      readonly topic: string
      /** Number of such records since the previous checkpoint. */
      readonly records: number
      /** Retention of the topic, ms. */
      readonly retention: number
    }
  | {
      /**
       * A partition cannot be read; it is retried, and the others are read. Emitted after 5 s, and
       * again each time that the duration has doubled.
       */
      readonly type: 'partition-unavailable'
      /** Topic of the partition. */
      readonly topic: string
      /** Number of the partition. */
      readonly partition: number
      /** Reason. */
      readonly error: Error & { readonly code: string }
      /** Time for which it could not be read, ms. */
      readonly duration: number
    }
  | {
      /**
       * A broker cannot be used for a lasting reason: it refuses the login, its certificate is not
       * trusted, or its advertised address has never been reached. The job uses the others.
       * Emitted once for each reason, by each set of connections of an attempt.
       */
      readonly type: 'broker-unusable'
      /** Address, as host:port. */
      readonly broker: string
      /** Reason. */
      readonly error: Error & { readonly code: string }
    }
  | {
      /**
       * A call of the checkpoint storage has not returned. Emitted after 5 s, and again each time
       * that the duration has doubled; the job still waits for the call.
       */
      readonly type: 'storage-slow'
      /** Place of the storage, such as "folder /var/lib/app/checkpoints". */
      readonly place: string
      /** Name of the call: put, get, write, read, list, remove or ready. */
      readonly call: string
      /** Time since the call, ms. */
      readonly duration: number
    }
  | {
      /**
       * `close` of a source, sink or other part has not returned within 30 s, at the end of an
       * attempt. The job goes on without waiting for it.
       */
      readonly type: 'close-slow'
      /** Id of the source or sink, place of the ledger, or a description of the part. */
      readonly part: string
      /** Time since the call, ms. */
      readonly duration: number
    }
  | {
      /**
       * The checkpoint storage works, but should be changed. Emitted at each start of an attempt.
       */
      readonly type: 'storage-warning'
      /** Place of the storage. */
      readonly place: string
      /** Problem and advice, one sentence. */
      readonly message: string
    }
  | {
      /**
       * The topic of the ledger, of the plan or of the snapshots could be safer: a single failing
       * broker may lose the last decisions of the job, or stop it. Raise its replication to 3 and
       * min.insync.replicas to 2, or to the number of brokers. Emitted once for each topic and call
       * of `execute`.
       */
      readonly type: 'ledger-weak'
      /** Topic of the ledger, of the plan or of the snapshots. */
      readonly topic: string
      /** Number of its replicas. */
      readonly replication: number
      /** Its `min.insync.replicas`. */
      readonly minIsr: number
      /** Number of brokers of the cluster. */
      readonly brokers: number
    }
