/** The broker of a whole run: that of KAFKA_BROKERS, or one of our own with the JVM settings that Kafka's own start script has. */
import { findBroker } from '../../tools/broker/findBroker.ts'
import type { GivenBroker, JavaBroker } from '../../tools/broker/foundBroker.ts'
import { startJavaBroker } from '../../tools/broker/javaBroker.ts'

/** As in bin/kafka-server-start.sh and kafka-run-class.sh. */
const flags = [
  ...['-Xms1g', '-Xmx1g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35'],
  '-XX:+ExplicitGCInvokesConcurrent',
]

const properties = {
  // Nobody restarts this one: a busy machine must not make its session expire.
  'broker.session.timeout.ms': '60000',
  // The files of a deleted topic go at once, and not after a minute: a run writes gigabytes.
  'log.segment.delete.delay.ms': '100',
  // As by default. Tests have other values (quickSettings.ts), which would let transactions expire early.
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '10000',
}

export async function benchBroker(say: (line: string) => void): Promise<GivenBroker | JavaBroker> {
  if (!process.env.KAFKA_BROKERS) return startJavaBroker({ flags, properties })
  const broker = await findBroker(say)
  // What was given answers, or findBroker has rejected.
  return broker as GivenBroker
}
