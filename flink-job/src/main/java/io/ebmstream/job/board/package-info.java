/**
 * The board: a web page that shows a running job from its topics, and gives it orders where that is
 * enabled. {@code BoardFeed} reads the topics into a {@code BoardState}, which is pure and bounded;
 * {@code BoardServer} serves it over HTTP; {@code Board} is all of it. Used by the command line and
 * the demo; operators know nothing of it.
 */
package io.ebmstream.job.board;
