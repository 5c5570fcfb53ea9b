CREATE TABLE found (auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` BIGINT, extra STRING) WITH (${sink});

INSERT INTO found
SELECT B.auction, B.bidder, B.price, B.`dateTime`, B.extra
FROM bid AS B
JOIN (
  SELECT MAX(price) AS highest, window_end AS ends
  FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(rowtime), INTERVAL '10' SECOND))
  GROUP BY window_start, window_end
) AS H
ON B.price = H.highest
WHERE B.rowtime BETWEEN H.ends - INTERVAL '10' SECOND AND H.ends;
