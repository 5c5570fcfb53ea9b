package rxweft.flink;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.IndexedCombinedWatermarkStatus;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;

/** How an operator with several inputs makes one watermark out of theirs. */
final class InputsPlayer implements Player {
  private final IndexedCombinedWatermarkStatus combined;

  InputsPlayer(int inputs) {
    combined = IndexedCombinedWatermarkStatus.forInputsCount(inputs);
  }

  /** As AbstractStreamOperator has it: a status passes only where one has come. */
  @Override
  public List<JsonNode> play(JsonNode event) {
    int input = event.path("input").asInt();
    boolean wasIdle = combined.isIdle();
    boolean isStatus = event.get("type").asText().equals("status");
    boolean risen =
        switch (event.get("type").asText()) {
          case "watermark" -> combined.updateWatermark(input, Json.time(event.get("timestamp")));
          case "status" -> combined.updateStatus(input, event.get("idle").asBoolean());
          default -> throw Player.unknown(event);
        };
    var said = new ArrayList<JsonNode>();
    if (risen) said.add(Json.watermark(combined.getCombinedWatermark()));
    if (isStatus && combined.isIdle() != wasIdle) said.add(Json.status(combined.isIdle()));
    return said;
  }
}
