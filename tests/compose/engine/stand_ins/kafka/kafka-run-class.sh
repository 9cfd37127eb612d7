#!/bin/bash
# Small replacement for Kafka's own start script: the same variables, fewer options.
conf=${KAFKA_LOG4J_OPTS:--Dlog4j2.configurationFile=/etc/kafka/docker/tools-log4j2.yaml}
if [ "$1" = kafka.Kafka ]; then
  heap=${KAFKA_HEAP_OPTS:--Xmx1G -Xms1G}
  performance=${KAFKA_JVM_PERFORMANCE_OPTS:--server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true}
else
  heap=${KAFKA_HEAP_OPTS:--Xmx256M}
  performance=${KAFKA_JVM_PERFORMANCE_OPTS:--XX:+UseSerialGC -XX:TieredStopAtLevel=1}
fi
exec java $heap $performance $KAFKA_JMX_OPTS -Dkafka.logs.dir=/opt/kafka/logs $conf $KAFKA_OPTS -cp '/opt/kafka/libs/*' "$@"
