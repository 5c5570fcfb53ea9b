CREATE TABLE found (auction BIGINT, bidder BIGINT, price DECIMAL(23, 3), `dateTime` BIGINT, extra STRING) WITH (${sink});

INSERT INTO found SELECT auction, bidder, 0.908 * price, `dateTime`, extra FROM bid;
