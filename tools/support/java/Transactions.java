/*
 * Commits one transaction after the other, as a Java application would: what a job's commits are measured against.
 *
 *   java Transactions.java <brokers> <topic> <transactional id> <ms between commits>
 *
 *   stdout  commit ms        a record in each partition of the topic is committed; ms since the epoch
 *           again error      the producer was replaced, or its transaction aborted
 */
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.StringSerializer;

class Transactions {
  public static void main(String[] args) throws Exception {
    long pause = Long.parseLong(args[3]);
    while (true) {
      try (var producer = open(args[0], args[2])) {
        producer.initTransactions();
        while (true) {
          long started = System.currentTimeMillis();
          commit(producer, args[1]);
          Thread.sleep(Math.max(0, started + pause - System.currentTimeMillis()));
        }
      } catch (KafkaException error) {
        say("again " + error);
      }
    }
  }

  static KafkaProducer<String, String> open(String brokers, String id) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", brokers);
    config.put("transactional.id", id);
    config.put("transaction.timeout.ms", 60000);
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  static void commit(KafkaProducer<String, String> producer, String topic) {
    producer.beginTransaction();
    try {
      for (var one : producer.partitionsFor(topic)) producer.send(new ProducerRecord<>(topic, one.partition(), null, "x"));
      producer.commitTransaction();
      say("commit " + System.currentTimeMillis());
    } catch (ProducerFencedException | InvalidProducerEpochException | OutOfOrderSequenceException | AuthorizationException error) {
      throw error;
    } catch (KafkaException error) {
      say("again " + error);
      producer.abortTransaction();
    }
  }

  static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
