/** The best broker there is: the one in KAFKA_BROKERS, else one in Docker, else one in a JVM of our own. */
import { toError } from '../../src/errors.ts'
import { startDockerBroker } from './dockerBroker.ts'
import { type FoundBroker, type GivenBroker, UnavailableError } from './foundBroker.ts'
import { startJavaBroker } from './javaBroker.ts'
import { untilUp } from './untilUp.ts'

export type { DockerBroker, FoundBroker, GivenBroker, JavaBroker, NoBroker } from './foundBroker.ts'

/** Rejects only where KAFKA_BROKERS names brokers that do not answer: whoever set it wants these and no others. */
export async function findBroker(say: (line: string) => void = console.error): Promise<FoundBroker> {
  const given = process.env.KAFKA_BROKERS
  if (given) return givenBroker(given.split(','))
  const tried = [{ what: 'KAFKA_BROKERS', error: new UnavailableError('not set') as Error }]
  for (const [what, start] of [
    ['Docker', startDockerBroker],
    ['Java + Maven', () => startJavaBroker()],
  ] as const) {
    try {
      return await start(say)
    } catch (thrown) {
      const error = toError(thrown)
      tried.push({ what, error })
      if (!(error instanceof UnavailableError)) say(`${what}: ${error.message}`)
    }
  }
  const failure = tried.find(({ error }) => !(error instanceof UnavailableError))?.error
  const reason = tried.map(({ what, error }) => `${what}: ${error.message.split('\n')[0]}`).join('; ')
  return { kind: 'none', reason, ...(failure === undefined ? {} : { failure }) }
}

async function givenBroker(brokers: readonly string[]): Promise<GivenBroker> {
  await untilUp(brokers, 10_000)
  return { kind: 'given', describe: `KAFKA_BROKERS, ${brokers.join(', ')}`, brokers, stop: async () => undefined }
}
