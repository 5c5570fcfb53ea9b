/** A cluster. Nothing connects before a job starts. */
import { kafkaCluster } from 'rxweft/kafka'

export const kafka = kafkaCluster({ brokers: ['localhost:9092'] })
