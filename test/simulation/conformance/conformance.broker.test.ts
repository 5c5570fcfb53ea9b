/** Holds the simulated brokers to a real one: the same requests have the same answers, and the same records are visible. */
import { describe, expect, inject, it } from 'vitest'
import { onBroker } from './brokerGround.ts'
import { groupScripts } from './groupScripts.ts'
import { longScripts, run, scripts } from './scripts.ts'
import { onSimulation } from './simulatedGround.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('the simulated brokers answer as a real one does', { timeout: 60_000 }, () => {
  it.each([...Object.keys(scripts), ...Object.keys(groupScripts)])('when %s', async (name) => {
    expect(await onSimulation(run(name))).toEqual(await onBroker(brokers, run(name)))
  })

  it.skipIf(!process.env.RXWEFT_LONG).each(Object.keys(longScripts))(
    'when %s',
    async (name) => {
      expect(await onSimulation(run(name))).toEqual(await onBroker(brokers, run(name)))
    },
    900_000,
  )
})
