CREATE TABLE found (auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` BIGINT, extra STRING) WITH (${sink});

INSERT INTO found
SELECT B.auction, B.bidder, B.price, B.`dateTime`, B.extra
FROM bid AS B
JOIN (
  SELECT MAX(price) AS highest, window_end AS until
  FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(at), INTERVAL '10' SECOND))
  GROUP BY window_start, window_end
) AS H
ON B.price = H.highest
WHERE B.at BETWEEN H.until - INTERVAL '10' SECOND AND H.until;
