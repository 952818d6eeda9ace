package io.github.pgpure.pool;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A log that breaks: it throws an Error at whoever warns, as one does whose classes are gone or whose memory is full. */
final class FailingAppender extends AppenderBase<ILoggingEvent> {

    private final List<String> texts = new CopyOnWriteArrayList<>();

    /** What it was told, and has thrown for. */
    List<String> texts() {
        return texts;
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
            texts.add(event.getFormattedMessage());
            throw new NoClassDefFoundError("by the test's appender");
        }
    }
}
