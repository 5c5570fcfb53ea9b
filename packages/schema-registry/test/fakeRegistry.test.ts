import { fakeRegistry } from './fakeRegistry.ts'
import { registryContract } from './registryContract.ts'

registryContract('the registry of the tests', async () => (await fakeRegistry()).url)
