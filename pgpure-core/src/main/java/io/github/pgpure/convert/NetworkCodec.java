package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * inet and cidr: the server's text, which has the network's prefix; InetAddress for a single host.
 *
 * <pre>
 * byte family, 2 or 3 | byte prefix length | byte is cidr | byte address length | address
 * </pre>
 */
final class NetworkCodec extends ScalarCodec<String> {

    private static final int IPV4 = 2;
    private static final int IPV6 = 3;

    private final boolean cidr;

    NetworkCodec(int oid, String typeName, boolean cidr) {
        super(oid, typeName, Format.TEXT, String.class, "String, InetAddress");
        this.cidr = cidr;
    }

    @Override
    String readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        if (length < 4 || length != 4 + bytes[offset + 3] || length != (bytes[offset] == IPV4 ? 8 : 20)) {
            throw new ValueException("its length does not fit its family");
        }
        boolean ipv4 = bytes[offset] == IPV4;
        if (!ipv4 && bytes[offset] != IPV6) {
            throw new ValueException("its family is neither IPv4 nor IPv6");
        }
        int prefix = bytes[offset + 1] & 0xFF;
        String address = ipv4 ? ipv4(bytes, offset + 4) : ipv6(bytes, offset + 4);
        return cidr || prefix != (ipv4 ? 32 : 128) ? address + "/" + prefix : address;
    }

    private static String ipv4(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) + "." + (bytes[at + 1] & 0xFF) + "." + (bytes[at + 2] & 0xFF) + "."
                + (bytes[at + 3] & 0xFF);
    }

    /** As the server writes it: the longest run of zeros is left out, and IPv4 inside IPv6 is dotted. */
    private static String ipv6(byte[] bytes, int at) {
        int runStart = -1;
        int runLength = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && Bytes.getShort(bytes, at + 2 * end) == 0) {
                end++;
            }
            if (end - i > runLength) {
                runStart = i;
                runLength = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == runStart) {
                text.append("::");
                i += runLength - 1;
                continue;
            }
            if (i > 0 && i != runStart + runLength) {
                text.append(':');
            }
            boolean mapped = runLength == 5 && Bytes.getShort(bytes, at + 10) == -1;
            if (i == 6 && runStart == 0 && (runLength == 6 || mapped)) {
                return text.append(ipv4(bytes, at + 12)).toString();
            }
            text.append(Integer.toHexString(Bytes.getShort(bytes, at + 2 * i) & 0xFFFF));
        }
        return text.toString();
    }

    @Override
    String readText(ConversionContext context, String text) {
        return text;
    }

    @Override
    void writeBinary(ConversionContext context, String value, FrontendBuffer out) {
        throw new ValueException("it goes as text");
    }

    @Override
    String writeText(ConversionContext context, String value) {
        return value;
    }

    @Override
    @Nullable
    String accept(ConversionContext context, Object value) {
        if (value instanceof InetAddress address) {
            String host = address.getHostAddress();
            // A scope like %eth0 means nothing to the server.
            return address instanceof Inet6Address && host.indexOf('%') >= 0
                    ? host.substring(0, host.indexOf('%'))
                    : host;
        }
        return value instanceof CharSequence ? TextCodec.checked(value.toString()) : null;
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, String value, Class<?> type) {
        if (type != InetAddress.class) {
            return null;
        }
        boolean ipv6 = value.indexOf(':') >= 0;
        int slash = value.indexOf('/');
        String host = slash < 0 ? value : value.substring(0, slash);
        if (slash >= 0 && !value.substring(slash).equals(ipv6 ? "/128" : "/32")) {
            throw new ValueException("it is a network, not a single host; use String");
        }
        if (!host.matches("[0-9a-fA-F.:]+") || !ipv6 && !host.matches("\\d+\\.\\d+\\.\\d+\\.\\d+")) {
            throw new ValueException("it is no address");
        }
        try {
            // Nothing that looks like this is ever looked up as a name.
            return InetAddress.getByName(ipv6 ? "[" + host + "]" : host);
        } catch (UnknownHostException e) {
            throw new ValueException("it is no address");
        }
    }
}
