import type { Admin } from 'kafkajs'
import type { KafkaCluster } from '../cluster.ts'

/**
 * Lends a connected kafkajs admin client until `use` settles. Rejects as `use` does, or as
 * connecting does.
 */
export async function withAdmin<A>(cluster: KafkaCluster, use: (admin: Admin) => Promise<A>): Promise<A> {
  const admin = cluster.admin()
  try {
    await admin.connect()
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}
