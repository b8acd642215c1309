function Peil({ onComplete, ...attributes }) {
  const chat = useRef(null);
  useEffect(() => {
    const element = chat.current;
    const complete = (event) => onComplete?.(event.detail.id);
    element.addEventListener("peil:complete", complete);
    return () => element.removeEventListener("peil:complete", complete);
  }, [onComplete]);
  return <peil-chat ref={chat} {...attributes} />;
}
