/**
 * The JVM's part of the benches: Kafka's own clients feed topics, verify what came out, and measure latency; Kafka Streams and Flink are
 * the peers to compare with. So nothing of rxweft judges rxweft. The programs are in java/, one Maven project.
 */
import { buildJava, NoJvmError } from './buildJava.ts'
import { type JavaExit, type JavaOptions, javaOn } from './java.ts'
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
  /** It is there already, with that many partitions. */
  readonly topic: string
  readonly partitions: number
  readonly records: number
  /** At least 16. */
  readonly valueBytes: number
  readonly compression: Compression
  /** How many keys there are. Default: records have none. */
  readonly keys?: number
  /** Default: 1. */
  readonly seed?: number
  /** The largest batch that the producer makes, before compression. Default: 256 KiB. */
  readonly batchBytes?: number
}

export interface FeedWordsOptions extends OnBrokers {
  readonly topic: string
  readonly partitions: number
  readonly records: number
  /** How many words there are. */
  readonly words: number
  /** The first records are each word once, in the order of their numbers; the others are picked at random. */
  readonly everyWordOnce?: boolean
  /** Default: 'none'. */
  readonly compression?: Compression
  readonly seed?: number
  readonly batchBytes?: number
}

export interface VerifyOptions extends OnBrokers {
  /** What feed and latency wrote, complete, and nothing else. */
  readonly source: string
  /** Created with message.timestamp.type=LogAppendTime. */
  readonly sink: string
  readonly transform: 'uppercase'
}

export interface Verified {
  /** That a read_committed reader finds in the sink. */
  readonly records: number
  /** Records in the source. */
  readonly expected: number
  readonly missing: number
  readonly doubled: number
  /** Behind a later one of its partition of the source; or, without a key, in another partition of the sink than most of them. */
  readonly reordered: number
  /** In the sink, but the upper case of no record of the source. */
  readonly foreign: number
  /** Offsets behind a transaction that is still open: not in any of the other numbers. */
  readonly undecided: number
  /** By the append times in the sink, one point every 50 ms in which something was appended. The first is [first append, 0]. */
  readonly series: readonly Point[]
}

export interface VerifyCountsOptions extends OnBrokers {
  readonly source: string
  /** Key: the word. Value: how often it has come so far, in decimal. */
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
  /** Words whose last count is not how often they are in the source. */
  readonly wrong: number
  /** Counts that are not above the one before of the same word. */
  readonly notRising: number
  /** Records of the sink whose key is no word of the source, or whose value is no number. */
  readonly foreign: number
  readonly undecided: number
  readonly series: readonly Point[]
}

export interface LatencyOptions extends OnBrokers {
  readonly source: string
  readonly sink: string
  /** Records per second. */
  readonly rate: number
  /** That are measured; the warm-up comes before them. */
  readonly seconds: number
  readonly warmupSeconds: number
  /** At least 33. */
  readonly valueBytes: number
}

/** From just before a record is sent to the source until a read_committed reader has it from the sink, in ms. */
export interface Latency {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  /** Sent (the warm-up too), but not there 30 s after the last was sent. */
  readonly missing: number
  readonly doubled: number
}

export interface WatchOptions extends OnBrokers {
  readonly topic: string
}

export interface PeerOptions extends OnBrokers {
  readonly source: string
  readonly sink: string
  /** The group and the application id in Streams; group and prefix of transactional ids in Flink. */
  readonly id: string
  /** ms between commits (Streams) or checkpoints (Flink). */
  readonly interval: number
  /** Of what it writes. */
  readonly compression: Compression
  /** Threads of Streams, slots of Flink. */
  readonly parallelism: number
  /** A folder for what it keeps on disk. */
  readonly checkpoints: string
  /** Buffers, batches and polls as large as bring something, see the programs. false: what its users get when they set nothing. */
  readonly tuned: boolean
}

export interface Peer {
  readonly pid: number
  /** Never rejects; `said` has why it failed. */
  readonly exit: Promise<JavaExit>
  /** SIGTERM, and SIGKILL if it is still there 10 s later. */
  stop(): Promise<JavaExit>
}

export interface Jvm {
  /** Fills a topic with labelled text: "<partition, 4 digits>-<number in the partition, 10 digits> lower case words". */
  feed(options: FeedOptions): Promise<void>
  /** Fills a topic with words, "w0" and so on: one record a word, without a key. */
  feedWords(options: FeedWordsOptions): Promise<void>
  verify(options: VerifyOptions): Promise<Verified>
  verifyCounts(options: VerifyCountsOptions): Promise<VerifiedCounts>
  latency(options: LatencyOptions): Promise<Latency>
  watch(options: WatchOptions): Promise<Watch>
  /** Upper-cases strings from source to sink, exactly once, into the partition that they came from. */
  peer(kind: 'streams' | 'flink', options: PeerOptions): Promise<Peer>
}

/** For the programs that help: they may be anything but in the way of what is measured. */
const small = ['-Xmx512m', '-XX:+UseSerialGC']

/** As much memory as a small container would give them, and what a JVM chooses by itself otherwise. */
const peerFlags = ['-Xmx2g']

const peers = {
  streams: { main: 'StreamsPeer', flags: peerFlags },
  // Flink's own start scripts open these packages, for its serializers.
  flink: {
    main: 'FlinkPeer',
    flags: [...peerFlags, ...['java.lang', 'java.util'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`)],
  },
}

/** Fetches and compiles, once. Rejects with NoJvmError where that cannot be done. */
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
    latency: (options) => ask('Latency', { ...options }),
    watch: (options) => watch(java, small, { ...options }),
    peer: (kind, options) => {
      const { main, flags } = peers[kind]
      return java.start(main, flags, { ...options }, () => undefined)
    },
  }
}

/** For tests, which are skipped where Java or Maven is not there, and say so. */
export type JvmOrReason = { readonly jvm: Jvm } | { readonly reason: string }

/** Rejects for any other reason. */
export function jvmOrReason(say?: (line: string) => void): Promise<JvmOrReason> {
  return buildJvm(say).then(
    (jvm) => ({ jvm }),
    (error) => (error instanceof NoJvmError ? { reason: error.message } : Promise.reject(error)),
  )
}
