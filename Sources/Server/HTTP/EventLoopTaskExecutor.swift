import NIOCore

/// Runs a request's task on its connection's event loop, so that neither its bytes nor its answer change threads.
///
/// For requests of many short steps: whatever runs here keeps the loop's other connections waiting.
final class EventLoopTaskExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
