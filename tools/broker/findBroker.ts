/** Finds a broker: that in KAFKA_BROKERS, else one in Docker, else one in a JVM started here. */
import { toError } from '../../src/errors.ts'
import { startDockerBroker } from './dockerBroker.ts'
import {
  type DockerBroker,
  type FoundBroker,
  type GivenBroker,
  type JavaBroker,
  UnavailableError,
} from './foundBroker.ts'
import { startJavaBroker } from './javaBroker.ts'
import { untilUp } from './untilUp.ts'

export type { DockerBroker, FoundBroker, GivenBroker, JavaBroker, NoBroker } from './foundBroker.ts'

type Say = (line: string) => void

const ways: Readonly<Record<string, (say: Say) => Promise<DockerBroker | JavaBroker>>> = {
  Docker: startDockerBroker,
  // Nobody restarts this broker: its session must not expire on a busy machine.
  'Java + Maven': () =>
    startJavaBroker({ properties: { 'broker.session.timeout.ms': '20000' }, startTimeout: 180_000 }),
}

/**
 * Rejects only if KAFKA_BROKERS names brokers that do not answer: whoever set it wants no others.
 */
export async function findBroker(say: Say = console.error): Promise<FoundBroker> {
  const given = process.env.KAFKA_BROKERS
  if (given) return givenBroker(given.split(','))
  const tried: Tried[] = [{ way: 'KAFKA_BROKERS', error: new UnavailableError('not set') }]
  for (const [way, start] of Object.entries(ways)) {
    try {
      return await start(say)
    } catch (thrown) {
      tried.push({ way, error: toError(thrown) })
    }
  }
  return noBroker(tried, say)
}

async function givenBroker(brokers: readonly string[]): Promise<GivenBroker> {
  await untilUp(brokers, 10_000).catch((error: Error) => {
    throw new Error(`KAFKA_BROKERS=${brokers.join(',')}: ${error.message}`)
  })
  return { kind: 'given', describe: `KAFKA_BROKERS, ${brokers.join(', ')}`, brokers, stop: async () => undefined }
}

interface Tried {
  readonly way: string
  readonly error: Error
}

function noBroker(tried: readonly Tried[], say: Say): FoundBroker {
  const reason = tried.map(({ way, error }) => `${way}: ${error.message.split('\n')[0]}`).join('; ')
  const failures = tried.filter(({ error }) => !(error instanceof UnavailableError))
  for (const { way, error } of failures) say(`${way}: ${error.message}`)
  return { kind: 'none', reason, ...(failures[0] === undefined ? {} : { failure: failures[0].error }) }
}
