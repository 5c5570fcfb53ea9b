package rxweft.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.operators.windowing.WindowOperator;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/** An operator in Flink's test harness, with the valves before it that a task has. */
final class OperatorPlayer implements Player {
  private final Callable<Stage> make;
  private final StateBackend backend;
  private Stage stage;
  private Valves valves;
  private long droppedBefore = 0;
  private long snapshots = 0;

  OperatorPlayer(Callable<Stage> make, StateBackend backend) throws Exception {
    this.make = make;
    this.backend = backend;
    setUp();
    stage.harness().open();
  }

  @Override
  public List<JsonNode> play(JsonNode event) throws Exception {
    switch (event.get("type").asText()) {
      case "element" -> stage.element(event.path("input").asInt(), event);
      case "watermark" -> valves.watermark(event);
      case "status" -> valves.status(event);
      case "snapshotAndRestore" -> restart();
      default -> throw Player.unknown(event);
    }
    return said();
  }

  @Override
  public OptionalLong droppedLate() throws Exception {
    var operator = stage.harness().getOperator();
    if (!(operator instanceof WindowOperator)) return OptionalLong.empty();
    return OptionalLong.of(droppedBefore + Counters.lateRecordsDropped((WindowOperator<?, ?, ?, ?, ?>) operator));
  }

  @Override
  public void close() throws Exception {
    stage.harness().close();
  }

  private void setUp() throws Exception {
    stage = make.call();
    stage.harness().setStateBackend(backend);
    stage.harness().setup();
    valves = new Valves(stage);
  }

  /** A new process has new valves too: like the operator, they have forgotten the watermark. */
  private void restart() throws Exception {
    snapshots += 1;
    var state = stage.harness().snapshot(snapshots, snapshots);
    droppedBefore = droppedLate().orElse(0);
    close();
    setUp();
    stage.harness().initializeState(state);
    stage.harness().open();
  }

  private List<JsonNode> said() throws Exception {
    var said = new ArrayList<JsonNode>();
    var output = stage.harness().getOutput();
    for (Object element = output.poll(); element != null; element = output.poll()) said.add(said(element));
    boolean results = !said.isEmpty();
    for (int input = 0; input < stage.late().size(); input++) said.addAll(late(input));
    // The harness keeps side outputs apart, so the order among both would be lost.
    if (results && said.stream().anyMatch(one -> one.get("type").asText().equals("late"))) {
      throw new IllegalStateException("one event brought a late record and something else");
    }
    return said;
  }

  private static JsonNode said(Object element) throws Exception {
    if (element instanceof Watermark watermark) return Json.watermark(watermark.getTimestamp());
    if (element instanceof WatermarkStatus status) return Json.status(status);
    var record = (StreamRecord<?>) element;
    ObjectNode result = Json.output("result").setAll((ObjectNode) Json.parse((String) record.getValue()));
    return result.set("timestamp", Json.time(record.getTimestamp()));
  }

  private List<JsonNode> late(int input) {
    var said = new ArrayList<JsonNode>();
    var output = stage.harness().getSideOutput(stage.late().get(input));
    if (output == null) return said;
    for (var record = output.poll(); record != null; record = output.poll()) {
      var late = Json.output("late").put("input", input);
      late.put("key", record.getValue().f0).put("value", record.getValue().f1);
      said.add(late.set("timestamp", Json.time(record.getTimestamp())));
    }
    return said;
  }
}
