package io.github.pgpure.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pgpure.TcpKeepAlive;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;

class TransportKeepAliveTests {

    @Test
    void timesReachTheSocket() throws IOException {
        try (SocketChannel socket = SocketChannel.open()) {
            assumeThat(socket.supportedOptions()).contains(ExtendedSocketOptions.TCP_KEEPIDLE);
            Transport.keepAlive(socket, new TcpKeepAlive(true, Duration.ofSeconds(31), Duration.ofSeconds(7), 4));
            assertThat(socket.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
            assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)).isEqualTo(31);
            assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL)).isEqualTo(7);
            assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT)).isEqualTo(4);
        }
    }

    @Test
    void whatIsZeroIsLeftToTheSystem() throws IOException {
        try (SocketChannel socket = SocketChannel.open();
                SocketChannel untouched = SocketChannel.open()) {
            Transport.keepAlive(socket, new TcpKeepAlive(true, Duration.ZERO, Duration.ofSeconds(7), 0));
            assumeThat(socket.supportedOptions()).contains(ExtendedSocketOptions.TCP_KEEPIDLE);
            assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE))
                    .isEqualTo(untouched.getOption(ExtendedSocketOptions.TCP_KEEPIDLE));
        }
    }

    @Test
    void canBeSwitchedOff() throws IOException {
        try (SocketChannel socket = SocketChannel.open()) {
            Transport.keepAlive(socket, TcpKeepAlive.OFF);
            assertThat(socket.getOption(StandardSocketOptions.SO_KEEPALIVE)).isFalse();
            Transport.keepAlive(socket, TcpKeepAlive.SYSTEM);
            assertThat(socket.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
        }
    }

    @Test
    void impossibleValuesAreRefused() {
        Duration zero = Duration.ZERO;
        assertThatIllegalArgumentException().isThrownBy(() -> new TcpKeepAlive(true, Duration.ofMillis(1), zero, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new TcpKeepAlive(true, zero, Duration.ofSeconds(-1), 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new TcpKeepAlive(true, zero, zero, -1));
    }
}
