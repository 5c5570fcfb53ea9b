CREATE TABLE found (auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` BIGINT, extra STRING, dt STRING, hm STRING) WITH (${sink});

INSERT INTO found
SELECT auction, bidder, price, `dateTime`, extra, DATE_FORMAT(at, 'yyyy-MM-dd'), DATE_FORMAT(at, 'HH:mm') FROM bid;
