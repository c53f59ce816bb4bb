package io.ebmstream.job.board;

import io.ebmstream.schemas.avro.ControlCommand;
import io.ebmstream.schemas.avro.ControlEvent;
import io.ebmstream.schemas.avro.ControlEventKind;
import io.ebmstream.schemas.avro.ControlKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The last orders with their answers, what the job decided by itself, and which version they leave
 * pinned. Not thread-safe.
 */
final class OrderLog {
    private final Map<String, ControlCommand> commands =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, ControlCommand> eldest) {
                    return size() > BoardState.LINES;
                }
            };
    private final List<BoardView.Order> orders = new ArrayList<>();

    /** Identity of the order that holds a version; null for none. */
    private String pinnedBy;

    private String pinned;

    /**
     * An order that someone has given. It waits, unless its answer was read before it: they lie on
     * different topics.
     */
    void command(ControlCommand command, long time) {
        commands.put(command.getCommandId(), command);
        if (command.getCommandId().equals(pinnedBy)) {
            pinned = target(command);
        }
        String id = BoardState.cut(command.getCommandId());
        String reason = BoardState.cut(command.getReason());
        boolean answered = false;
        for (int i = 0; i < orders.size(); i++) {
            BoardView.Order o = orders.get(i);
            if (o.id().equals(id) && !o.answer().isEmpty()) {
                answered = true;
                orders.set(
                        i,
                        new BoardView.Order(
                                id,
                                words(command),
                                o.answer(),
                                o.time(),
                                o.version(),
                                reason,
                                o.message()));
            }
        }
        if (!answered) {
            add(new BoardView.Order(id, words(command), "", time, null, reason, ""));
        }
    }

    /** An answer, which takes the place of the order that waits, or what was not ordered. */
    void event(ControlEvent event, long time) {
        ControlCommand command = commands.get(event.getCommandId());
        String order =
                command != null
                        ? words(command)
                        : event.getCommandKind() == null ? "" : words(event.getCommandKind());
        String id = BoardState.cut(event.getCommandId());
        orders.removeIf(o -> !id.isEmpty() && o.id().equals(id) && o.answer().isEmpty());
        add(
                new BoardView.Order(
                        id,
                        order,
                        event.getKind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        time,
                        BoardState.text(event.getVersionAfter()),
                        command == null ? "" : BoardState.cut(command.getReason()),
                        BoardState.cut(event.getMessage())));
        boolean holds =
                event.getKind() == ControlEventKind.DONE
                        || event.getKind() == ControlEventKind.ALREADY_DONE;
        if (holds && event.getCommandKind() == ControlKind.UNPIN) {
            pinnedBy = null;
            pinned = null;
        } else if (holds && event.getCommandKind() == ControlKind.PIN) {
            pinnedBy = event.getCommandId();
            pinned = command == null ? null : target(command);
        }
    }

    /** Version that an order names; null for none. */
    private static String target(ControlCommand command) {
        return command.getTargetVersion() == null
                ? null
                : BoardState.text(command.getTargetVersion());
    }

    /** Version that is pinned; null for none. */
    String pinned() {
        return pinned;
    }

    /** What the page is told, the newest first. */
    List<BoardView.Order> view() {
        List<BoardView.Order> list = new ArrayList<>(orders);
        Collections.reverse(list);
        return list;
    }

    private void add(BoardView.Order order) {
        orders.add(order);
        if (orders.size() > BoardState.LINES) {
            orders.remove(0);
        }
    }

    private static String words(ControlCommand command) {
        String target = target(command);
        return words(command.getKind())
                + (target == null ? "" : " " + target)
                + (command.getSteps() == null ? "" : " " + command.getSteps());
    }

    private static String words(ControlKind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
