CREATE TABLE found (id BIGINT, final BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH (${sink});

INSERT INTO found
SELECT category, AVG(final)
FROM (
  SELECT A.category, MAX(B.price) AS final
  FROM auction AS A JOIN bid AS B ON A.id = B.auction
  WHERE B.`dateTime` BETWEEN A.`dateTime` AND A.expires
  GROUP BY A.id, A.category
)
GROUP BY category;
