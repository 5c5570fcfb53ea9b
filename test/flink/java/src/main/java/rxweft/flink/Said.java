package rxweft.flink;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/** Collects watermarks and statuses. */
final class Said implements DataOutput<Object> {
  private List<JsonNode> said = new ArrayList<>();

  @Override
  public void emitWatermark(Watermark watermark) {
    said.add(Json.watermark(watermark.getTimestamp()));
  }

  @Override
  public void emitWatermarkStatus(WatermarkStatus status) {
    said.add(Json.status(status));
  }

  /** What has come since the last call. */
  List<JsonNode> take() {
    var taken = said;
    said = new ArrayList<>();
    return taken;
  }
}
