import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { storageContract } from './storageContract.ts'

storageContract('memoryStorage', async () => {
  const storage = memoryStorage()
  return { open: () => storage }
})
