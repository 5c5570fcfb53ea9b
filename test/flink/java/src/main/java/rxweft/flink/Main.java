package rxweft.flink;

import java.io.File;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;

/**
 * Plays scenarios through Flink and writes down what came out, event by event.
 *
 *   java rxweft.flink.Main <scenarios.json> <answers.json> heap|rocksdb
 */
public final class Main {
  public static void main(String[] args) throws Exception {
    StateBackend backend = args[2].equals("rocksdb") ? new EmbeddedRocksDBStateBackend() : new HashMapStateBackend();
    var answers = Json.object();
    answers.put("flink", EnvironmentInformation.getVersion());
    var played = answers.putArray("answers");
    for (JsonNode scenario : Json.read(new File(args[0]))) {
      try {
        played.add(play(scenario, backend));
      } catch (Exception failed) {
        throw new Exception("in the scenario: " + scenario.get("name").asText(), failed);
      }
    }
    Json.write(new File(args[1]), answers);
  }

  static ObjectNode play(JsonNode scenario, StateBackend backend) throws Exception {
    var answer = Json.object();
    var outputs = answer.putArray("outputs");
    try (Player player = player(scenario.get("operator"), backend)) {
      for (JsonNode event : scenario.get("events")) {
        var said = outputs.addArray();
        player.play(event).forEach(said::add);
      }
      player.droppedLate().ifPresent(dropped -> answer.put("droppedLate", dropped));
    }
    return answer;
  }

  static Player player(JsonNode operator, StateBackend backend) throws Exception {
    return switch (operator.get("kind").asText()) {
      case "window" -> new OperatorPlayer(() -> OneInput.window(operator), backend);
      case "windowJoin" -> new OperatorPlayer(() -> OneInput.windowJoin(operator), backend);
      case "eventTimers" -> new OperatorPlayer(() -> OneInput.eventTimers(operator), backend);
      case "intervalJoin" -> new OperatorPlayer(() -> TwoInputs.intervalJoin(operator), backend);
      case "source" -> new SourcePlayer(operator);
      case "channels" -> new ChannelsPlayer(operator.get("inputs").asInt());
      case "inputs" -> new InputsPlayer(operator.get("inputs").asInt());
      default -> throw new IllegalArgumentException("no operator is called " + operator.get("kind"));
    };
  }
}
