import { afterAll, describe, it } from 'vitest'
import { realRegistry } from './realRegistry.ts'
import { registryContract } from './registryContract.ts'

const found = await realRegistry()

if (typeof found === 'string') {
  describe('a real schema registry', () => {
    it.skip(`is not to be had: ${found}`, () => undefined)
  })
} else {
  afterAll(() => found.stop())
  registryContract(`a real schema registry (${found.url})`, async () => found.url)
}
