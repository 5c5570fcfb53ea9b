/**
 * The JVM's part of the benches: Kafka's own clients feed topics, verify what came out, and measure
 * latency; Kafka Streams and Flink are the peers to compare with. So nothing of rxweft judges
 * rxweft. The programs are in java/, one Maven project.
 */
import { buildJava, NoJvmError } from './buildJava.ts'
import { type JavaExit, type JavaOptions, javaOn } from './java.ts'
import { type Row, rows } from './rows.ts'
import { type Point, type Watch, watch } from './watch.ts'

export { NoJvmError } from './buildJava.ts'
export type { JavaExit } from './java.ts'
export type { Point, Watch } from './watch.ts'

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** "host:port,host:port" */
export interface OnBrokers {
  readonly brokers: string
}

export interface FeedOptions extends OnBrokers {
  /** Existing topic with that many partitions. */
  readonly topic: string
  readonly partitions: number
  readonly records: number
  /** At least 16. */
  readonly valueBytes: number
  readonly compression: Compression
  /** Number of keys. Default: records have none. */
  readonly keys?: number
  /** Default: 1. */
  readonly seed?: number
  /** Largest batch of the producer, before compression. Default: 256 KiB. */
  readonly batchBytes?: number
}

export interface FeedWordsOptions extends OnBrokers {
  readonly topic: string
  readonly partitions: number
  readonly records: number
  /** Number of words. */
  readonly words: number
  /** Begins with each word once, in the order of their numbers; later words are random. */
  readonly everyWordOnce?: boolean
  /** Default: 'none'. */
  readonly compression?: Compression
  readonly seed?: number
  readonly batchBytes?: number
}

export interface VerifyOptions extends OnBrokers {
  /** Topic with all records of feed and latency, and no others. */
  readonly source: string
  /** Created with message.timestamp.type=LogAppendTime. */
  readonly sink: string
  readonly transform: 'uppercase'
}

export interface Verified {
  /** Records in the sink that a read_committed reader sees. */
  readonly records: number
  /** Records in the source. */
  readonly expected: number
  readonly missing: number
  readonly doubled: number
  /**
   * Behind a later one of its partition of the source; or, without a key, in another partition of
   * the sink than most of them.
   */
  readonly reordered: number
  /** Records of the sink that are not the upper case of a source record. */
  readonly foreign: number
  /** Offsets behind an open transaction; not part of the other numbers. */
  readonly undecided: number
  /**
   * By the append times in the sink, one point every 50 ms in which something was appended. The
   * first is [first append, 0].
   */
  readonly series: readonly Point[]
}

export interface VerifyCountsOptions extends OnBrokers {
  readonly source: string
  /** Key: the word. Value: its count so far, in decimal. */
  readonly sink: string
}

export interface VerifiedCounts {
  readonly records: number
  /** Records in the source. */
  readonly expected: number
  /** Different words in the source. */
  readonly words: number
  /** Words without any count in the sink. */
  readonly missing: number
  /** Words whose last count differs from their number in the source. */
  readonly wrong: number
  /** Counts that do not exceed the previous count of the word. */
  readonly notRising: number
  /**
   * Records of the sink with a key that is not a word of the source, or a value that is not a
   * number.
   */
  readonly foreign: number
  readonly undecided: number
  readonly series: readonly Point[]
}

export interface LatencyOptions extends OnBrokers {
  readonly source: string
  readonly sink: string
  /** Records per second. */
  readonly rate: number
  /** Measured seconds, after the warm-up. */
  readonly seconds: number
  readonly warmupSeconds: number
  /** At least 33. */
  readonly valueBytes: number
}

/**
 * Time from just before a record is sent to the source until a read_committed reader receives it
 * from the sink, ms.
 */
export interface Latency {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  /** Records sent, warm-up included, that did not arrive within 30 s after the last one. */
  readonly missing: number
  readonly doubled: number
}

export interface WatchOptions extends OnBrokers {
  readonly topic: string
}

export interface PeerOptions extends OnBrokers {
  readonly source: string
  readonly sink: string
  /**
   * The group and the application id in Streams; group and prefix of transactional ids in Flink.
   */
  readonly id: string
  /** ms between commits (Streams) or checkpoints (Flink). */
  readonly interval: number
  /** Compression of the output. */
  readonly compression: Compression
  /** Threads of Streams, slots of Flink. */
  readonly parallelism: number
  /** Folder for its files. */
  readonly checkpoints: string
  /**
   * true: buffers, batches and polls as large as is useful, see the programs. false: the defaults.
   */
  readonly tuned: boolean
}

export interface FlinkSqlOptions {
  /** File with the statements. */
  readonly sql: string
  /** ms between checkpoints. */
  readonly interval: number
  /** Folder for its files. */
  readonly checkpoints: string
  readonly tuned: boolean
  readonly parallelism: number
}

export interface Peer {
  readonly pid: number
  /** Never rejects; `said` has the reason of a failure. */
  readonly exit: Promise<JavaExit>
  /** SIGTERM, and SIGKILL if it is still there 10 s later. */
  stop(): Promise<JavaExit>
}

export interface Jvm {
  /**
   * Fills a topic with labelled text: "<partition, 4 digits>-<number in the partition, 10 digits>
   * lower case words".
   */
  feed(options: FeedOptions): Promise<void>
  /** Fills a topic with words, "w0" and so on: one record a word, without a key. */
  feedWords(options: FeedWordsOptions): Promise<void>
  verify(options: VerifyOptions): Promise<Verified>
  verifyCounts(options: VerifyCountsOptions): Promise<VerifiedCounts>
  latency(options: LatencyOptions): Promise<Latency>
  /** Runs a bounded query to its end: ms, CPU ms, largest memory in KiB. */
  flinkSql(options: FlinkSqlOptions): Promise<{ readonly ms: number; readonly cpu: number; readonly peak: number }>
  /** Rows of a topic, each a JSON object; rows that are deleted later are left out. */
  rows(options: WatchOptions): Promise<readonly Row[]>
  watch(options: WatchOptions): Promise<Watch>
  /**
   * Upper-cases strings from source to sink, exactly once, into the partition that they came from.
   */
  peer(kind: 'streams' | 'flink', options: PeerOptions): Promise<Peer>
}

/** Flags of helper programs, which must not disturb the measurement. */
const small = ['-Xmx512m', '-XX:+UseSerialGC']

/** Memory of a small container; otherwise the JVM's defaults. */
const peerFlags = ['-Xmx2g']

const peers = {
  streams: { main: 'StreamsPeer', flags: peerFlags },
  // Flink's own start scripts open these packages, for its serializers.
  flink: {
    main: 'FlinkPeer',
    flags: [...peerFlags, ...['java.lang', 'java.util'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`)],
  },
}

/** Fetches and compiles, once. Rejects with NoJvmError without Java, Maven or their downloads. */
export async function buildJvm(say: (line: string) => void = console.error): Promise<Jvm> {
  const java = javaOn(await buildJava(say))
  const ask = async <T>(main: string, options: JavaOptions): Promise<T> =>
    JSON.parse(await java.run(main, small, options)) as T
  const feedDefaults = { seed: 1, batchBytes: 256 * 1024 }
  return {
    feed: async (options) => void (await java.run('Feed', small, { ...feedDefaults, ...options })),
    feedWords: async (options) =>
      void (await java.run('FeedWords', small, {
        ...feedDefaults,
        everyWordOnce: false,
        compression: 'none',
        ...options,
      })),
    verify: (options) => ask('Verify', { ...options }),
    verifyCounts: (options) => ask('VerifyCounts', { ...options }),
    flinkSql: async (options) => JSON.parse(await java.run('FlinkSql', peers.flink.flags, { ...options })),
    rows: (options) => rows(java, small, { ...options }),
    latency: (options) => ask('Latency', { ...options }),
    watch: (options) => watch(java, small, { ...options }),
    peer: (kind, options) => {
      const { main, flags } = peers[kind]
      return java.start(main, flags, { ...options }, () => undefined)
    },
  }
}

/** For tests, which are skipped with a message without Java or Maven. */
export type JvmOrReason = { readonly jvm: Jvm } | { readonly reason: string }

/** Rejects for any other reason. */
export function jvmOrReason(say?: (line: string) => void): Promise<JvmOrReason> {
  return buildJvm(say).then(
    (jvm) => ({ jvm }),
    (error) => (error instanceof NoJvmError ? { reason: error.message } : Promise.reject(error)),
  )
}
