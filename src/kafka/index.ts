/** rxweft/kafka: source, sink and cluster for Apache Kafka. */

export type { Timestamps } from '../sinks/writtenTimestamp.ts'
export type { Compression } from './batch/compression.ts'
export { type KafkaCluster, kafkaCluster } from './cluster.ts'
export type { KafkaClusterConfig } from './driver/driverSettings.ts'
export { ledgerStorage } from './ledger/ledgerStorage.ts'
export type { BrokerErrorCode } from './nodes/brokerErrorTable.ts'
export { type KafkaRepartitionOptions, kafkaRepartition } from './repartition/kafkaRepartition.ts'
export { kafkaSink } from './sink/kafkaSink.ts'
export type { KafkaSinkOptions } from './sink/kafkaSinkOptions.ts'
export { kafkaSource } from './source/kafkaSource.ts'
export type { KafkaSourceOptions } from './source/kafkaSourceOptions.ts'
export type { StartFrom } from './source/startOffsets.ts'
