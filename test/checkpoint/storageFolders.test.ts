import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { syncFolder } from '../../src/checkpoint/storageFolders.ts'
import { temporaryFolder } from './temporaryFolder.ts'

describe('a folder that is to be synced', () => {
  it.each([true, false])('must be there, be it perhaps that of others or not: %s', async (mayBeOthers) => {
    const folder = await temporaryFolder()
    await expect(syncFolder(folder, mayBeOthers)).resolves.toBeUndefined()
    await expect(syncFolder(join(folder, 'gone'), mayBeOthers)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
