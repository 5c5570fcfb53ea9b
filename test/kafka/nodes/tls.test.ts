/** Wrong set-ups of TLS: each ends soon, and with an error that says what is wrong. */
import { Buffer } from 'node:buffer'
import type { TlsOptions } from 'node:tls'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { RxweftError } from '../../../src/errors.ts'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import type { KafkaClusterConfig } from '../../../src/kafka/driver/driverSettings.ts'
import { type FakeBroker, fakeBroker } from '../fakeBroker.ts'
import { testCertificate } from '../testCertificate.ts'
import { elsewhereCertificate, expiredCertificate } from '../wrongCertificates.ts'

const brokers: FakeBroker[] = []

afterEach(() => Promise.all(brokers.splice(0).map((broker) => broker.close())))

/** What a connection to such a broker ends with. */
async function refusal(server: TlsOptions | undefined, ssl: KafkaClusterConfig['ssl']): Promise<RxweftError> {
  const broker = await fakeBroker(server, 'localhost')
  brokers.push(broker)
  const cluster = kafkaCluster({
    brokers: [`localhost:${broker.port}`],
    connectionTimeout: 500,
    ...(ssl === undefined ? {} : { ssl }),
  })
  const began = performance.now()
  const outcome = await cluster
    .connect('test')
    .then(
      (connections) => connections.metadata([]).finally(() => connections.close()),
      (error) => error,
    )
    .catch((error) => error)
  // Each of TCP, TLS and the first answer may take the timeout; a busy machine is no failure.
  expect(performance.now() - began).toBeLessThan(10_000)
  if (!(outcome instanceof RxweftError)) throw new Error(`no refusal, but ${inspect(outcome)}`)
  expect(outcome.hint).toBeDefined()
  expect(inspect(outcome, { depth: 9 })).not.toContain('PRIVATE KEY')
  return outcome
}

describe('TLS that is set up wrongly is told as what it is:', () => {
  it('a certificate that no CA vouches for', async () => {
    const error = await refusal(testCertificate, { ca: elsewhereCertificate.cert })
    expect(error.message).toMatch(/self-signed certificate|unable to verify/)
    expect(error.message).toContain('(ca)')
  })

  it('a certificate that has expired', async () => {
    const error = await refusal(expiredCertificate, { ca: expiredCertificate.cert })
    expect(error.message).toMatch(/certificate has expired/)
  })

  it('a certificate for another host', async () => {
    const error = await refusal(elsewhereCertificate, { ca: elsewhereCertificate.cert })
    expect(error.message).toMatch(/localhost.*other\.example/)
  })

  it('no client certificate if the broker wants one', async () => {
    const error = await refusal(
      { ...testCertificate, requestCert: true, rejectUnauthorized: true, ca: testCertificate.cert },
      { ca: testCertificate.cert },
    )
    expect(error.message).toMatch(/certificate required|client certificate/)
  })

  it('a client certificate that the broker does not trust', async () => {
    const error = await refusal(
      { ...testCertificate, requestCert: true, rejectUnauthorized: true, ca: testCertificate.cert },
      { ca: testCertificate.cert, ...elsewhereCertificate },
    )
    expect(error.message).toMatch(/trust the client certificate/)
  })

  it('TLS to a port that speaks plain text', async () => {
    const error = await refusal(undefined, { ca: testCertificate.cert })
    expect(error.message).toMatch(/this client uses TLS: does the listener/)
  })

  it('plain text to a port that speaks TLS', async () => {
    const error = await refusal(testCertificate, undefined)
    expect(error.message).toMatch(/this client does not use TLS: does the listener/)
  })

  it('certificate options that are no certificate', async () => {
    const error = await refusal(testCertificate, {
      ca: testCertificate.cert,
      key: Buffer.from('no key'),
      cert: 'no cert',
    })
    expect(error).toMatchObject({ code: 'TLS_FAILED' })
  })
})
